import type { Command } from 'commander';
import type { Finding } from '../../shared/finding.ts';
import type { CliContext } from '../cli-context.ts';
import { exitCodes } from '../cli-error.ts';
import { newCommand } from '../new-command.ts';
import { escapeControl } from '../output/escape-control.ts';
import { createPrinter } from '../output/printer.ts';
import { createProgress, silentProgress } from '../output/progress.ts';
import type { Outcome } from '../outcome.ts';
import { findServerProcess } from '../server-process/run-file.ts';
import { addServerOptions, readConfig } from '../server-process/server-options.ts';

export function doctorCommand(context: CliContext, outcome: Outcome): Command {
  const command = newCommand(
    'doctor',
    'Check whether this machine can run a server, what it can do, and what to do about the rest. Exit code 1 when something keeps Berth from running.',
    ['sudo berth doctor', 'sudo berth doctor --isolation gvisor --json'],
  );
  return addServerOptions(command).action(async (options: { json?: boolean }) => {
    const printer = createPrinter(context, options.json === true);
    const { config, unknownVariables } = await readConfig(context, command);
    const server = await findServerProcess(config.home);
    const run = server.state === 'running' ? server.run : undefined;
    const looking = async () => {
      await using progress = printer.isJson ? silentProgress : createProgress(context.stderr, context.clock);
      await progress.show('Looking at this machine');
      return context.examine(config, run?.pid);
    };
    const findings = [...unknownVariables.map(slip), ...(await looking())];
    if (findings.some(({ state }) => state === 'fail')) outcome.exitCode = exitCodes.failure;
    await printer.done(
      { usable: outcome.exitCode === exitCodes.ok, server: server.state, home: config.home, findings },
      [
        ...areasOf(findings).map((area) => formatArea(area, findings, context.stdout.isTTY)),
        summaryOf(findings),
      ].join('\n'),
    );
  });
}

function slip(name: string): Finding {
  const detail = 'not a setting of berth';
  const advice = 'docs/configuration.md lists them.';
  return { area: 'Settings', subject: name, state: 'warn', detail, advice };
}

function areasOf(findings: readonly Finding[]): readonly string[] {
  return [...new Set(findings.map(({ area }) => area))];
}

function formatArea(area: string, findings: readonly Finding[], isTTY: boolean): string {
  const own = findings.filter((finding) => finding.area === area);
  const width = Math.max(...own.map(({ subject }) => subject.length));
  const lines = own.flatMap(({ subject, state, detail, advice }) => [
    `  ${marked(state, isTTY)}  ${subject.padEnd(width)}  ${escapeControl(detail)}`,
    ...(advice === undefined || state === 'ok'
      ? []
      : [`           ${' '.repeat(width)}${escapeControl(advice)}`]),
  ]);
  return `${area}\n${lines.join('\n')}\n`;
}

const labels: Readonly<Record<Finding['state'], string>> = {
  ok: 'ok',
  off: 'off',
  unknown: '?',
  warn: 'warn',
  fail: 'FAIL',
};
const colours: Readonly<Record<Finding['state'], number>> = {
  ok: 32,
  off: 2,
  unknown: 2,
  warn: 33,
  fail: 31,
};

function marked(state: Finding['state'], isTTY: boolean): string {
  const label = labels[state].padEnd(5);
  return isTTY ? `\u001b[${colours[state]}m${label}\u001b[0m` : label;
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length;
  const [failed, warned, unseen] = [count('fail'), count('warn'), count('unknown')];
  const beside = [
    ...(warned > 0 ? [`${warned} ${warned === 1 ? 'warning' : 'warnings'}`] : []),
    ...(unseen > 0 ? [`${unseen} not looked at`] : []),
  ].join(', ');
  const verdict =
    failed > 0
      ? `Berth cannot run here as it is: ${failed} ${failed === 1 ? 'thing keeps' : 'things keep'} it from it.`
      : unseen > 0
        ? 'Nothing that was looked at keeps Berth from running here.'
        : 'Berth can run here.';
  return beside === '' ? verdict : `${verdict} (${beside})`;
}
