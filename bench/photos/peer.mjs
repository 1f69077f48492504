// SPDX-License-Identifier: MIT
// What somebody would write instead: BullMQ, sharp and Google's own client. Photos are read from
// disk, turned upright, scaled to 2048 pixels and sent; the result and a thumbnail are written.
//
// usage: REDIS_SOCKET=... PROVIDER=http://... OUT=folder CONCURRENCY=n node peer.mjs
import { GoogleGenAI } from '@google/genai';
import { Worker } from 'bullmq';
import { readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';

const { REDIS_SOCKET, PROVIDER, OUT, CONCURRENCY } = process.env;
const ai = new GoogleGenAI({ apiKey: 'bench', httpOptions: { baseUrl: PROVIDER } });

async function prepared(file) {
  const picture = await sharp(await readFile(file))
    .rotate()
    .resize(2048, 2048, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 88 })
    .toBuffer();
  return { inlineData: { mimeType: 'image/jpeg', data: picture.toString('base64') } };
}

async function convert(job) {
  const images = await Promise.all([prepared(job.data.person), prepared(job.data.garment)]);
  const answer = await ai.models.generateContent({
    model: 'gemini-nano-banana-2.1',
    contents: [{ role: 'user', parts: [{ text: 'Dress the person in the garment.' }, ...images] }],
    config: { responseModalities: ['IMAGE'] },
  });
  const part = answer.candidates[0].content.parts.find((p) => p.inlineData);
  const result = Buffer.from(part.inlineData.data, 'base64');
  const thumbnail = await sharp(result).resize(512, 512, { fit: 'inside' }).jpeg({ quality: 80 }).toBuffer();
  await writeFile(`${OUT}/${job.id}.jpg`, result);
  await writeFile(`${OUT}/${job.id}-thumb.jpg`, thumbnail);
}

const worker = new Worker('photos', convert, {
  connection: { path: REDIS_SOCKET, maxRetriesPerRequest: null },
  concurrency: Number(CONCURRENCY),
});
await worker.waitUntilReady();
console.log('ready');
process.on('SIGTERM', () => worker.close().then(() => process.exit(0)));
