// SPDX-License-Identifier: MIT
import { Coins, Download } from 'lucide-preact';
import type { VNode } from 'preact';
import { local, money, count, plural } from '../lib/format';
import { useResource } from '../lib/resource';
import type { Costs } from '../lib/types';
import { Empty, Figure, Loaded, Meter, PageHead, Panel, Time, UserName } from '../ui/panel';

/** A cell of a table of comma-separated values; never a formula of a spreadsheet. */
function cell(value: string | number): string {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function toCsv(of: Costs): string {
  const rows = of.users.map((user) => [
    of.day,
    user.userId,
    user.calls,
    user.promptTokens,
    user.textTokens,
    user.imageTokens,
    user.cost,
  ]);
  return [
    ['day', 'user', 'calls', 'prompt tokens', 'text tokens', 'image tokens', 'cost USD'],
    ...rows,
  ]
    .map((row) => row.map(cell).join(','))
    .join('\r\n');
}

function save(of: Costs): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([toCsv(of)], { type: 'text/csv' }));
  link.download = `costs-${of.day}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function Users({ of }: { of: Costs }): VNode {
  const users = [...of.users].sort((a, b) => b.cost - a.cost);
  const largest = users[0]?.cost ?? 0;
  return (
    <Panel
      title="By user"
      class="is-flush"
      hint={plural(users.length, 'user')}
      actions={
        <button type="button" class="button small" onClick={() => save(of)}>
          <Download size={14} aria-hidden="true" /> CSV
        </button>
      }
    >
      {users.length === 0 ? (
        <Empty icon={<Coins size={24} />} title="Nothing spent today">
          Pictures from the cache cost nothing.
        </Empty>
      ) : (
        <div class="table-wrap" tabIndex={0} role="group" aria-label="Costs by user">
          <table>
            <thead>
              <tr>
                <th>User</th>
                <th class="number">Calls</th>
                <th class="number">Tokens in</th>
                <th class="number">Tokens out</th>
                <th class="number">Cost</th>
                <th>
                  <span class="visually-hidden">Share</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {users.map((user) => (
                <tr key={user.userId}>
                  <td>
                    <UserName id={user.userId} />
                  </td>
                  <td class="number">{count(user.calls)}</td>
                  <td class="number">{count(user.promptTokens)}</td>
                  <td class="number">{count(user.textTokens + user.imageTokens)}</td>
                  <td class="number">{money(user.cost)}</td>
                  <td class="cell-share">
                    <Meter
                      value={user.cost}
                      max={of.budgetPerUser ?? (largest || 1)}
                      label={of.budgetPerUser ? 'Of the budget of a user' : 'Beside the largest'}
                      isLimit={of.budgetPerUser !== null}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

export function MoneyPage(): VNode {
  const costs = useResource<Costs>('/worker/costs', { every: 10_000, onEvents: 5000 });
  return (
    <>
      <PageHead
        title="Money"
        about={
          costs.data ? (
            <span>
              The provider's day {costs.data.day}
              {costs.data.resetsAt && (
                <>
                  , which ends <Time at={costs.data.resetsAt} /> ({local(costs.data.resetsAt)})
                </>
              )}
              . US dollars.
            </span>
          ) : (
            'What the provider is paid today.'
          )
        }
      />
      <Loaded
        from={costs}
        lines={5}
        render={(of) => (
          <>
            <div class="figures">
              <Figure
                name="Spent today"
                value={money(of.total.cost)}
                hint={plural(of.total.calls, 'call')}
              />
              <Figure name="Reserved" value={money(of.reserved)} hint="for calls in flight" />
              <Figure
                name="Budget of the day"
                value={of.budgetPerDay === null ? 'none' : money(of.budgetPerDay)}
                hint={<>GEMINI_BUDGET_PER_DAY</>}
              />
              <Figure
                name="Budget of a user"
                value={of.budgetPerUser === null ? 'none' : money(of.budgetPerUser)}
                hint={<>GEMINI_BUDGET_PER_USER</>}
              />
              <Figure
                name="A picture"
                value={of.total.calls > 0 ? money(of.total.cost / of.total.calls) : '–'}
                hint="on average, each call"
              />
            </div>
            {of.total.calls > 0 && of.total.cost === 0 && (
              <div class="notice tone-warn">
                <span>
                  Calls were made, and no price is known for their model: set GEMINI_PRICES, or this
                  page cannot tell what they cost.
                </span>
              </div>
            )}
            {of.budgetPerDay !== null && (
              <Panel
                title="Today"
                hint={`${money(of.total.cost + of.reserved)} of ${money(of.budgetPerDay)}`}
              >
                <Meter
                  value={of.total.cost + of.reserved}
                  max={of.budgetPerDay}
                  label="Today's budget"
                  isLimit
                />
              </Panel>
            )}
            <Users of={of} />
          </>
        )}
      />
    </>
  );
}
