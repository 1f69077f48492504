// SPDX-License-Identifier: MIT
// A stand-in for the provider that costs nearly nothing: reads a request whole, and after a pause
// answers with one and the same picture. Prints its port; on SIGUSR2, the bytes it was sent.
//
// usage: node provider.mjs PICTURE LATENCY_MS
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [picture, latency] = [process.argv[2], Number(process.argv[3])];
const answer = Buffer.from(
  JSON.stringify({
    candidates: [
      {
        content: {
          role: 'model',
          parts: [{ inlineData: { mimeType: 'image/jpeg', data: readFileSync(picture).toString('base64') } }],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: { promptTokenCount: 600, candidatesTokenCount: 1120, totalTokenCount: 1720 },
    modelVersion: 'stand-in',
    responseId: 'stand-in',
  }),
);

let received = 0;
let inFlight = 0;
let mostInFlight = 0;
const server = createServer((request, response) => {
  inFlight += 1;
  mostInFlight = Math.max(mostInFlight, inFlight);
  request.on('data', (chunk) => (received += chunk.length));
  request.on('end', () =>
    setTimeout(() => {
      inFlight -= 1;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
      response.end(answer);
    }, latency),
  );
});
server.keepAliveTimeout = 120_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(`port ${server.address().port}`));
process.on('SIGUSR2', () => console.log(`received ${received} most ${mostInFlight}`));
process.on('SIGTERM', () => process.exit(0));
