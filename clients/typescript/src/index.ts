// SPDX-License-Identifier: MIT
export * from './client.js';
export { statusOf, type StreamEvent } from './events.js';
export { StaylerError } from './errors.js';
export type { CallOptions, Options } from './transport.js';
export * from './types.js';
