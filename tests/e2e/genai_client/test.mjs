// SPDX-License-Identifier: MIT
// Google's own client, in the version that speaks v1beta and in the one that speaks v1, must work
// against gemini-sim unchanged: only the base URL differs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const baseUrl = process.env.GEMINI_BASE_URL;
const assets = process.env.ASSETS;
assert.ok(baseUrl && assets, 'GEMINI_BASE_URL and ASSETS must be set; use ./run');

const model = 'gemini-nano-banana-2.1';
const inlineData = (mimeType, file) => ({
  inlineData: { mimeType, data: readFileSync(`${assets}/${file}`).toString('base64') },
});
const contents = (text) => [
  {
    role: 'user',
    parts: [{ text }, inlineData('image/jpeg', 'person.jpg'), inlineData('image/png', 'garment.png')],
  },
];
const config = { responseModalities: ['IMAGE'], imageConfig: { aspectRatio: '3:4', imageSize: '1K' } };

/** Width and height from a JPEG's start-of-frame header. */
function jpegSize(bytes) {
  assert.equal(bytes.readUInt16BE(0), 0xffd8, 'a JPEG begins with FF D8');
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xc2) {
      return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
    }
  }
  return assert.fail('no frame header');
}

function assertPicture(part) {
  assert.equal(part.inlineData.mimeType, 'image/jpeg');
  assert.deepEqual(jpegSize(Buffer.from(part.inlineData.data, 'base64')), [896, 1200]);
}

/** What the client throws: an ApiError whose message holds Google's error body. */
async function errorOf(promise) {
  const error = await promise.then(() => assert.fail('the call should have failed'), (e) => e);
  return { status: error.status, ...JSON.parse(error.message).error };
}

for (const version of ['genai2', 'genai3']) {
  const { GoogleGenAI } = await import(version);
  const client = (apiKey = 'test-key') => new GoogleGenAI({ apiKey, httpOptions: { baseUrl } });
  const ai = client();
  const generate = (text, from = ai) =>
    from.models.generateContent({ model, contents: contents(text), config });

  test(`${version}: generateContent answers a picture and counts that add up`, async () => {
    const answer = await generate('The person wears the garment.');
    assertPicture(answer.candidates[0].content.parts[0]);
    assert.equal(answer.candidates[0].finishReason, 'STOP');
    assert.equal(answer.modelVersion, model);
    const usage = answer.usageMetadata;
    assert.equal(
      usage.totalTokenCount,
      usage.promptTokenCount + usage.candidatesTokenCount + usage.thoughtsTokenCount,
    );
    assert.deepEqual(usage.candidatesTokensDetails, [{ modality: 'IMAGE', tokenCount: 1120 }]);
  });

  test(`${version}: generateContentStream ends with the reason and the usage`, async () => {
    const chunks = [];
    const stream = await ai.models.generateContentStream({
      model,
      contents: contents('Stream it.'),
      config: { ...config, responseModalities: ['TEXT', 'IMAGE'] },
    });
    for await (const chunk of stream) {
      chunks.push(chunk);
    }
    assert.equal(new Set(chunks.map((chunk) => chunk.responseId)).size, 1);
    const parts = chunks.flatMap((chunk) => chunk.candidates[0].content?.parts ?? []);
    assert.ok(parts[0].text);
    assertPicture(parts[1]);
    assert.equal(chunks.at(-1).candidates[0].finishReason, 'STOP');
    assert.ok(chunks.at(-1).usageMetadata.totalTokenCount > 1120);
  });

  test(`${version}: models.list pages through all models`, async () => {
    const names = [];
    for await (const each of await ai.models.list({ config: { pageSize: 2 } })) {
      names.push(each.name);
    }
    assert.ok(names.length > 2);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.includes(`models/${model}`));
  });

  test(`${version}: models.get knows the limits`, async () => {
    const found = await ai.models.get({ model });
    assert.equal(found.name, `models/${model}`);
    assert.ok(found.inputTokenLimit > 0);
  });

  test(`${version}: countTokens counts text and images`, async () => {
    const counted = await ai.models.countTokens({ model, contents: contents('Count this.') });
    assert.ok(counted.totalTokens > 500);
  });

  test(`${version}: a bad key is refused with its reason`, async () => {
    const error = await errorOf(generate('x', client('invalid-key')));
    assert.equal(error.status, 'INVALID_ARGUMENT');
    assert.equal(error.code, 400);
    assert.equal(error.details[0].reason, 'API_KEY_INVALID');
  });

  test(`${version}: an unknown model is not found`, async () => {
    const call = ai.models.generateContent({ model: 'gemini-1.5-pro', contents: 'hello' });
    const error = await errorOf(call);
    assert.equal(error.code, 404);
    assert.match(error.message, /gemini-1\.5-pro is not found for API version v1/);
  });

  test(`${version}: a 429 carries the delay and the quota`, async () => {
    const error = await errorOf(generate('[[sim:429 retry=7s]]'));
    assert.equal(error.code, 429);
    const detail = (type) => error.details.find((each) => each['@type'].endsWith(type));
    assert.equal(detail('RetryInfo').retryDelay, '7s');
    assert.match(detail('QuotaFailure').violations[0].quotaId, /PerMinute/);
  });

  test(`${version}: a refused picture has a reason and no parts`, async () => {
    const answer = await generate('[[sim:safety]]');
    assert.equal(answer.candidates[0].finishReason, 'IMAGE_SAFETY');
    assert.equal(answer.candidates[0].content?.parts, undefined);
  });

  test(`${version}: the client's own retries get over two failures`, async () => {
    const retrying = new GoogleGenAI({
      apiKey: 'test-key',
      httpOptions: { baseUrl, retryOptions: { attempts: 3 } },
    });
    assertPicture((await generate(`[[sim:503 x2]] ${version}`, retrying)).candidates[0].content.parts[0]);
  });
}
