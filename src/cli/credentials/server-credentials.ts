import { z } from 'zod';

/** What a client needs to call one server: the content of `$BERTH_HOME/credentials`, and of one entry of the client file. */
export const serverCredentialsSchema = z.object({
  url: z.string(),
  region: z.string(),
  accountId: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
});

export type ServerCredentials = z.infer<typeof serverCredentialsSchema>;
