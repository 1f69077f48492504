// SPDX-License-Identifier: MIT
// What PromQL expressions name, and whether they put metrics together as aggregation.mjs says.
import { parser } from '@prometheus-io/lezer-promql';
import { ofAll, ofEach, unused } from '../aggregation.mjs';

/** Grafana's variables, as Prometheus could read them. */
export const withoutVariables = (expression) =>
  expression
    .replaceAll(/\$__rate_interval|\$__range|\$__interval/g, '1m')
    .replaceAll(/\$\{?(job|namespace|role|instance)(:regex)?\}?/g, '.*');

function parsed(expression) {
  const tree = parser.parse(expression);
  tree.iterate({
    enter(node) {
      if (node.type.isError) {
        throw new Error(`no PromQL at ${node.from}: ${expression}`);
      }
    },
  });
  return tree;
}

/** Every selector of an expression: the metric's name, and the aggregations and functions around it, the nearest first. */
export function selectorsOf(expression) {
  const found = [];
  const tree = parsed(expression);
  tree.iterate({
    enter(node) {
      if (node.name !== 'VectorSelector') {
        return;
      }
      const name = node.node.getChild('Identifier');
      if (!name) {
        throw new Error(`a selector without a metric's name: ${expression}`);
      }
      const around = [];
      for (let up = node.node.parent; up; up = up.parent) {
        const word =
          up.name === 'AggregateExpr'
            ? up.getChild('AggregateOp')
            : up.name === 'FunctionCall'
              ? up.getChild('FunctionIdentifier')
              : null;
        if (word) {
          around.push(expression.slice(word.from, word.to));
        }
      }
      found.push({ metric: expression.slice(name.from, name.to), around });
    },
  });
  return found;
}

const aggregations = ['sum', 'max', 'min', 'avg', 'count', 'topk', 'bottomk'];
const ofCounters = ['rate', 'increase', 'irate', 'resets'];

/** What is wrong with an expression; nothing where all is well. */
export function complaintsAbout(expression) {
  const complaints = [];
  for (const { metric, around } of selectorsOf(expression)) {
    if (metric.includes(':')) {
      continue; // a recorded series is put together already
    }
    const first = around.find((word) => aggregations.includes(word));
    if (unused.has(metric)) {
      complaints.push(`${metric} is of no use`);
    } else if (ofAll.has(metric) && first !== 'max') {
      complaints.push(`${metric} is the same at each coordinator: max, not ${first ?? 'nothing'}`);
    } else if (ofEach.has(metric) && ['sum', 'avg'].includes(first)) {
      complaints.push(`${metric} is of each process: no ${first}`);
    } else if (!ofAll.has(metric) && !ofEach.has(metric) && !['sum', 'topk'].includes(first)) {
      complaints.push(`${metric} is a share of its process: sum, not ${first ?? 'nothing'}`);
    }
    const isCounter =
      /_(total|count|sum|bucket)$/.test(metric) || /^worker_jobs_(completed|failed)$/.test(metric);
    if (isCounter && !around.some((word) => ofCounters.includes(word))) {
      complaints.push(`${metric} only grows: rate or increase`);
    }
    if (!isCounter && around.some((word) => ofCounters.includes(word))) {
      complaints.push(`${metric} is a gauge, which has no rate`);
    }
  }
  return complaints;
}
