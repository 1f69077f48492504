// SPDX-License-Identifier: MIT
import type { VNode } from 'preact';
import { count, plural, words } from '../lib/format';
import { useResource } from '../lib/resource';
import type { Tree, TreeChild } from '../lib/types';
import { Figure, Loaded, PageHead, Panel, Time } from '../ui/panel';
import { OtherCoordinators } from '../ui/coordinators';
import { Status } from '../ui/status';

function Child({ of }: { of: TreeChild }): VNode {
  return (
    <li class="actor">
      <div class="actor-head">
        <b>{words(of.name)}</b>
        <Status of={of.state} />
        <span class="spacer" />
        {of.mailbox > 0 && (
          <span class={`tag ${of.mailbox > 1000 ? 'tone-warn' : ''}`}>
            {count(of.mailbox)} in its mailbox
          </span>
        )}
        {of.restarts > 0 && <span class="tag tone-warn">{plural(of.restarts, 'restart')}</span>}
      </div>
      <p class="muted small">
        up for {of.uptime}, {words(of.restart)}
        {of.dependsOn.length > 0 && <>, after {of.dependsOn.map(words).join(', ')}</>}
      </p>
      {of.lastFailure && (
        <p class="small error-text">
          <Time at={of.lastFailure.at} />: {of.lastFailure.message}
        </p>
      )}
    </li>
  );
}

const strategies: Record<string, string> = {
  rest_for_one: 'one that fails is restarted, and after it what depends on it',
  one_for_one: 'one that fails is restarted alone',
};

function Group({ title, of }: { title: string; of: Tree['core'] }): VNode {
  return (
    <Panel title={title} hint={strategies[of.strategy] ?? of.strategy}>
      <ul class="actors">
        {of.children.map((child) => (
          <Child key={child.name} of={child} />
        ))}
      </ul>
    </Panel>
  );
}

export function TreePage(): VNode {
  const tree = useResource<Tree>('/worker/tree', { every: 3000 });
  return (
    <>
      <PageHead
        title="Supervision tree"
        about="What runs in the process that answers, what it waits for, and what was restarted."
      />
      <OtherCoordinators what="a tree" />
      <Loaded
        from={tree}
        lines={6}
        render={(of) => (
          <>
            <div class="figures">
              <Figure name="Up for" value={of.uptime} />
              <Figure
                name="Restarts"
                value={`${of.intensity.recent} of ${of.intensity.maxRestarts}`}
                tone={of.intensity.recent * 2 > of.intensity.maxRestarts ? 'warn' : ''}
                hint={`in ${of.intensity.window}; one more than that ends the process`}
              />
              <Figure
                name="Threads lost"
                value={of.writtenOff}
                hint="actors that were stuck, and left behind"
              />
            </div>
            <Group title="Core" of={of.core} />
            <Group title="Workers" of={of.workers} />
          </>
        )}
      />
    </>
  );
}
