// SPDX-License-Identifier: MIT
// Every expression of the project that names metrics: rules, panels of dashboards, triggers of scalers.
import { existsSync } from 'node:fs';
import { alertingRules, at, dashboards, panelsOf, recordingRules, yaml } from './files.mjs';
import { withoutVariables } from './expressions.mjs';

const ofRules = () =>
  [...recordingRules(), ...alertingRules()].map((rule) => ({
    name: rule.record ?? rule.alert,
    expression: rule.expr,
  }));

const ofPanels = () =>
  dashboards().flatMap(({ name, dashboard }) =>
    panelsOf(dashboard).flatMap((panel) =>
      panel.targets.map((target) => ({
        name: `${name}: ${panel.title}`,
        expression: withoutVariables(target.expr),
      })),
    ),
  );

const ofScalers = () => {
  const scaler = 'deploy/kubernetes/components/keda/scaled-object.yaml';
  return yaml(scaler).spec.triggers.map((trigger) => ({
    name: scaler,
    expression: trigger.metadata.query,
  }));
};

export const expressionsOfPanels = () =>
  existsSync(at('config/grafana/dashboards')) ? ofPanels() : [];

export const expressionsOfAll = () => [
  ...ofRules(),
  ...expressionsOfPanels(),
  ...(existsSync(at('deploy/kubernetes/components/keda')) ? ofScalers() : []),
];
