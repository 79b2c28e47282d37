import type { Audit, AuditedDecision, UnprovenRequest } from '../audit/audit.ts';
import { describePrincipal } from '../principal-arn.ts';

/** Remembers what it was told, as lines. */
export class FakeAudit implements Audit {
  readonly lines: string[] = [];
  /** Told instead of writing a change or a read. */
  failure: Error | undefined;

  async allowed(decision: AuditedDecision): Promise<void> {
    this.#note('allow', decision);
  }

  denied(decision: AuditedDecision): void {
    this.lines.push(lineOf('deny', decision));
  }

  async read(decision: AuditedDecision): Promise<void> {
    this.#note('read', decision);
  }

  unproven({ accessKeyId, action, resource, reason }: UnprovenRequest): void {
    this.lines.push(`unproven ${accessKeyId} ${action} ${resource} (${reason})`);
  }

  #note(kind: string, decision: AuditedDecision): void {
    if (this.failure !== undefined) throw this.failure;
    this.lines.push(lineOf(kind, decision));
  }
}

function lineOf(kind: string, { principal, action, resource, reason }: AuditedDecision): string {
  return `${kind} ${describePrincipal(principal)} ${action} ${resource} (${reason})`;
}
