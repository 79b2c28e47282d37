// Speaks the protocol that PROTOCOL names, as made with the field's own SDKs.
const { PROTOCOL = '' } = process.env;
const { serve } = await import({ MCP: './mcp.mjs', A2A: './a2a.mjs', AGUI: './agui.mjs' }[PROTOCOL]);
serve();
process.on('SIGTERM', () => process.exit(0));
