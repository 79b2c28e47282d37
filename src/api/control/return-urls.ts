import { returnUrlProblem } from '../../identity/oauth/return-url.ts';
import { invalidField } from '../../shared/errors.ts';

/** The return URLs of a request. Throws `validation` for one that no flow could use. */
export function returnUrls<Urls extends readonly string[] | undefined>(given: Urls): Urls {
  for (const [index, url] of (given ?? []).entries()) {
    const problem = returnUrlProblem(url);
    if (problem !== undefined) throw invalidField(`allowedResourceOauth2ReturnUrls[${index}]`, problem);
  }
  return given;
}
