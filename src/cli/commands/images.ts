import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { connect } from '../client/connect.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { formatAge, formatSize } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';

export function imagesCommand(context: CliContext): Command {
  return newGroup('images', "What is in Berth's own registry.", [
    'berth images list',
    'berth images delete hello:v1',
  ])
    .addCommand(listCommand(context))
    .addCommand(deleteCommand(context));
}

function listCommand(context: CliContext): Command {
  return newCommand('list', 'List the images that were pushed to this server.', ['berth images list']).action(
    async (options: { json?: boolean }) => {
      await using server = await connect(context);
      const now = context.clock.now();
      await createPrinter(context, options.json === true).list(
        await server.admin.images(),
        [
          ['REPOSITORY', (image) => image.repository],
          ['TAG', (image) => image.tag ?? undefined],
          ['DIGEST', (image) => image.digest.slice(0, 19)],
          ['SIZE', (image) => (image.sizeBytes === undefined ? undefined : formatSize(image.sizeBytes))],
          ['PUSHED', (image) => formatAge(now, image.pushedAtMs)],
        ],
        `No image was pushed yet: 'berth deploy oci:FOLDER' or 'docker push' to ${new URL(server.credentials.url).host} does.`,
      );
    },
  );
}

function deleteCommand(context: CliContext): Command {
  return newCommand(
    'delete',
    'Delete a tag, or everything under a digest. Versions that run it keep what they need.',
    ['berth images delete hello:v1', 'berth images delete hello@sha256:...'],
  )
    .argument('<repository:tag>', 'a tag or a digest of a repository')
    .action(async (image: string, options: { json?: boolean }) => {
      const { repository, reference } = parseImage(image);
      await using server = await connect(context);
      await server.admin.deleteImage(repository, reference);
      await createPrinter(context, options.json === true).done(
        { deleted: image },
        `Image ${image} is deleted.`,
      );
    });
}

function parseImage(image: string): { repository: string; reference: string } {
  const [, repository, digest] = /^([^@]+)@(sha256:[0-9a-f]{64})$/.exec(image) ?? [];
  if (repository !== undefined && digest !== undefined) return { repository, reference: digest };
  const [, tagged, tag] = /^([^@]+):([\w][\w.-]{0,127})$/.exec(image) ?? [];
  if (tagged !== undefined && tag !== undefined) return { repository: tagged, reference: tag };
  throw usageError(`'${image}' is neither REPOSITORY:TAG nor REPOSITORY@sha256:DIGEST.`);
}
