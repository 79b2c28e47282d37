import type { OauthVendorName } from '../../shared/oauth-vendors.ts';
import { vendors } from '../providers/vendors.ts';

/** A vendor's row in the table of docs/identity/providers.md. */
export function vendorRow(name: OauthVendorName): string {
  const { address, clientAuthentication, documentation } = vendors[name];
  const method = clientAuthentication === 'secret-basic' ? 'basic' : 'post';
  return `| \`${name}\` | ${addressText(address)} | ${method} | [documentation](${documentation}) |`;
}

function addressText(address: (typeof vendors)[OauthVendorName]['address']): string {
  switch (address.kind) {
    case 'document':
      return `\`${address.url}\``;
    case 'endpoints':
      return `\`${address.authorizationEndpoint}\`, \`${address.tokenEndpoint}\``;
    case 'tenant':
      return `\`${decodeURIComponent(address.url('TENANT'))}\`, \`${address.defaultTenant}\` when none is given`;
    case 'own-issuer':
      return `your issuer, such as \`${address.example}\``;
    case 'custom':
      return 'what you say';
  }
}
