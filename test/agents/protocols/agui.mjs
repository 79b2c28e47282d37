import express from 'express';

/** On port 8080: repeats the last message of a run, word by word; fails when told to. */
export function serve() {
  express()
    .use(express.json())
    .get('/ping', (_request, response) => response.json({ status: 'Healthy' }))
    .post('/invocations', ({ body }, response) => {
      const { threadId, runId, messages } = body;
      const text = messages.at(-1).content;
      if (text === 'fail') {
        response.status(500).json({ error: 'told to fail' });
        return;
      }
      response.set('content-type', 'text/event-stream');
      const send = (event) => response.write(`data: ${JSON.stringify(event)}\n\n`);
      const messageId = `answer-${runId}`;
      send({ type: 'RUN_STARTED', threadId, runId });
      send({ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' });
      for (const delta of text.split(/(?<= )/)) send({ type: 'TEXT_MESSAGE_CONTENT', messageId, delta });
      send({ type: 'TEXT_MESSAGE_END', messageId });
      send({ type: 'RUN_FINISHED', threadId, runId });
      response.end();
    })
    .listen(8080, '0.0.0.0');
}
