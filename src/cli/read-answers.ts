import { readFile } from 'node:fs/promises';
import type { CliContext, Input } from './cli-context.ts';
import { usageError } from './cli-error.ts';

export interface Question {
  readonly text: string;
  readonly isSecret?: boolean;
}

/** Asks on the terminal; when input is piped, takes one line of it for each question. */
export async function readAnswers(stdin: Input, questions: readonly Question[]): Promise<string[]> {
  if (questions.length === 0) return [];
  const answers: string[] = [];
  if (stdin.isTTY) {
    for (const { text, isSecret } of questions)
      answers.push(await stdin.ask(`${text}: `, { isSecret: isSecret === true }));
  } else {
    const lines = (await readAll(stdin)).toString().split(/\r?\n/);
    answers.push(...lines.slice(0, questions.length));
  }
  return questions.map(({ text }, index) => {
    const answer = answers[index]?.trim() ?? '';
    if (answer === '')
      throw usageError(`${text} is missing.`, 'Type it, or pipe one line for each answer into the command.');
    return answer;
  });
}

/** The content of a file; `-` is standard input. */
export async function readInput(context: Pick<CliContext, 'stdin'>, path: string): Promise<Buffer> {
  if (path === '-') return readAll(context.stdin);
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw usageError(`The file '${path}' cannot be read: ${error.message}`);
  });
}

async function readAll(stdin: Input): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stdin));
}
