// SPDX-License-Identifier: MIT
// What the tests read of the repository, and what they ask programs.
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';

export const root = process.env.ROOT;
export const at = (...path) => join(root, ...path);
export const text = (...path) => readFileSync(at(...path), 'utf8');
export const yaml = (...path) => parse(text(...path), { logLevel: 'error' });

export const recordingRules = () =>
  yaml('config/prometheus/recording.yml').groups.flatMap((g) => g.rules);
export const alertingRules = () =>
  yaml('config/prometheus/alerts.yml').groups.flatMap((g) => g.rules);

/** The dashboards as they are committed, by their files' names. */
export const dashboards = () =>
  readdirSync(at('config/grafana/dashboards')).map((name) => ({
    name,
    dashboard: JSON.parse(text('config/grafana/dashboards', name)),
  }));

/** All panels of a dashboard that draw something. */
export const panelsOf = (dashboard) =>
  dashboard.panels.flatMap((p) => (p.type === 'row' ? (p.panels ?? []) : [p]));

/** Runs a program to its good end; its output. A bad end is an error that says what it said. */
export const run = (program, ...args) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });
export const runBeside = promisify(execFile);
