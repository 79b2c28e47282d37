import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { fakeContext } from '../testing/fake-context.ts';

describe('berth completion', () => {
  it('prints a script by which a real bash completes commands, their commands and flags', async () => {
    verifies('cli:completion', 'provider:cli');
    await using user = await fakeContext();
    await user.run('completion', 'bash');
    const complete = (words: string) => {
      const ask = `eval "$1"; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _berth; echo "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['--norc', '-c', ask, 'bash', user.stdout()]).toString().trim();
    };

    assert.equal(complete('berth inv'), 'invoke');
    assert.equal(complete('berth keys cr'), 'create');
    assert.equal(complete('berth keys create --ro'), '--role');
    assert.equal(complete('berth invoke hello_node --se'), '--session');
    assert.equal(complete('berth sessions list hello --a'), '--all');
    assert.equal(complete('berth identity api'), 'api-key');
    assert.equal(complete('berth identity api-key cr'), 'create');
    assert.equal(complete('berth identity oauth2 update p --keep'), '--keep-secret');
  });

  it('prints scripts for zsh and fish, and refuses other shells', async () => {
    await using user = await fakeContext();

    assert.equal(await user.run('completion', 'zsh'), 0);
    assert.match(user.stdout(), /bashcompinit/);
    assert.equal(await user.run('completion', 'fish'), 0);
    assert.match(
      user.stdout(),
      /^complete -c berth -f -n __fish_use_subcommand -a deploy -d 'Make an image callable/m,
    );
    assert.match(
      user.stdout(),
      /^complete -c berth -n '__fish_seen_subcommand_from keys; and __fish_seen_subcommand_from create' -l role /m,
    );
    assert.equal(await user.run('completion', 'tcsh'), 2);
  });
});
