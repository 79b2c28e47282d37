import { z } from 'zod';

/** What a client needs to call one server: the content of `$BERTH_HOME/credentials`, and of one entry of the client file. */
export const serverCredentialsSchema = z.object({
  url: z.string(),
  region: z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/),
  accountId: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  /** Where a server of this machine listens with TLS, and the files by which its clients come to trust it. */
  tls: z
    .object({ host: z.string(), port: z.number(), caFile: z.string(), bundleFile: z.string() })
    .optional(),
});

export type ServerCredentials = z.infer<typeof serverCredentialsSchema>;
