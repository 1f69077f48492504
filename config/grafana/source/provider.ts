// SPDX-License-Identifier: MIT
// What the provider takes, what it refuses, and what it costs.
import { dashboard, of, perSecond, quantile, recorded } from './parts.js';

const requests = 'stayler_gemini_requests_total';

export const provider = () =>
  dashboard('stayler-provider', 'provider and cost', [
    {
      title: 'Calls',
      panels: [
        {
          title: 'Calls by class of error',
          says: '"none": a picture. The rest is what the provider answered instead.',
          unit: 'reqps',
          kind: 'stacked',
          shows: { '{{error_class}}': perSecond(requests, 'error_class') },
          runbook: 'breakeropen',
        },
        {
          title: 'Time of calls',
          says: 'With exemplars, where they are recorded.',
          unit: 's',
          kind: 'heatmap',
          shows: { '{{le}}': perSecond('stayler_gemini_request_duration_seconds_bucket', 'le') },
        },
        {
          title: 'Calls at a time',
          says: 'Where "in flight" touches "limit" and calls wait, more workers change nothing.',
          unit: 'short',
          shows: {
            limit: `sum(${of('stayler_gemini_concurrency_limit')})`,
            'in flight': `sum(${of('stayler_gemini_calls_in_flight')})`,
            waiting: `sum(${of('stayler_gemini_calls_waiting')})`,
          },
          runbook: 'queuetooold',
        },
        {
          title: 'Quota a minute, as found',
          says: '0: none was met.',
          unit: 'short',
          shows: { quota: `max(${of('stayler_gemini_requests_per_minute')})` },
        },
        {
          title: 'Open or closed',
          says: 'Closed: no call is sent before a time that is still to come.',
          unit: 'none',
          kind: 'states',
          states: ['open', 'closed'],
          shows: { provider: `max(${of('stayler_gemini_closed_until_seconds')}) > bool time()` },
          runbook: 'breakeropen',
        },
        {
          title: 'Circuit breaker',
          says: 'Stops calling a provider that fails.',
          unit: 'none',
          kind: 'states',
          states: ['closed', 'open', 'half open'],
          shows: { breaker: `max(${of('stayler_gemini_breaker_state')})` },
          runbook: 'breakeropen',
        },
        {
          title: 'Refused for their number',
          says: 'Share of the calls that got 429 or 503.',
          unit: 'percentunit',
          shows: { refused: recorded('stayler:gemini_refused:ratio5m') },
          runbook: 'queuetooold',
        },
        {
          title: 'p95 of calls',
          says: 'Time that 95 % of the calls need at most.',
          unit: 's',
          shows: { p95: quantile(0.95, 'stayler_gemini_request_duration_seconds') },
        },
      ],
    },
    {
      title: 'Money',
      panels: [
        {
          title: 'Dollars an hour',
          says: 'What calls have cost.',
          unit: 'currencyUSD',
          shows: { cost: recorded('stayler:cost_dollars:rate1h') },
          runbook: 'moneyatrisk',
        },
        {
          title: 'Today against the budget',
          says: "Of the provider's day, which ends at midnight Pacific time. Budget 0: none is set.",
          unit: 'currencyUSD',
          shows: {
            spent: `max(${of('stayler_gemini_spent_dollars')})`,
            budget: `max(${of('stayler_gemini_budget_dollars')})`,
          },
          runbook: 'budget',
        },
        {
          title: 'Dollars a completed picture',
          says: 'What failed and was paid for is in it.',
          unit: 'currencyUSD',
          shows: {
            'a picture': `sum(increase(${of('stayler_gemini_cost_dollars_total')}[1h])) / sum(increase(${of('worker_jobs_completed')}[1h]))`,
          },
          runbook: 'moneyatrisk',
        },
        {
          title: 'Tokens',
          says: 'As the provider counted them.',
          unit: 'short',
          kind: 'stacked',
          shows: {
            '{{kind}} {{modality}}': perSecond('stayler_gemini_tokens_total', 'kind, modality'),
          },
        },
        {
          title: 'Result cache',
          says: 'Share of the pictures that it had.',
          unit: 'percentunit',
          shows: {
            hits: `${perSecond('stayler_result_cache_hits_total')} / (${perSecond('stayler_result_cache_hits_total')} + ${perSecond('stayler_result_cache_misses_total')})`,
          },
        },
        {
          title: 'Calls that may have been billed',
          says: 'Their worker was lost; in an hour.',
          unit: 'short',
          shows: { ambiguous: `max(increase(${of('stayler_ambiguous_calls_total')}[1h]))` },
          runbook: 'moneyatrisk',
        },
      ],
    },
  ]);
