// SPDX-License-Identifier: MIT
import { MapPinOff } from 'lucide-preact';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { explain } from './lib/api';
import { shortId } from './lib/format';
import { needsKey, session, sessionError } from './lib/session';
import { AuditPage } from './pages/audit';
import { DeadLettersPage } from './pages/dead_letters';
import { JobPage } from './pages/job';
import { JobsPage } from './pages/jobs';
import { MoneyPage } from './pages/money';
import { NotificationsPage } from './pages/notifications';
import { NowPage } from './pages/now';
import { SettingsPage } from './pages/settings';
import { SignInPage } from './pages/sign_in';
import { TreePage } from './pages/tree';
import { TryPage } from './pages/try';
import { WorkersPage } from './pages/workers';
import { Shell } from './shell/shell';
import { Failure, PageHead } from './ui/panel';

const titles: Record<string, string> = {
  '/': 'Now',
  '/ui': 'Now',
  '/ui/now': 'Now',
  '/ui/jobs': 'Jobs',
  '/ui/dead': 'Dead letters',
  '/ui/workers': 'Workers',
  '/ui/tree': 'Supervision tree',
  '/ui/costs': 'Money',
  '/ui/settings': 'Settings',
  '/ui/notifications': 'Notifications',
  '/ui/audit': 'Audit',
  '/ui/try': 'Try it',
  '/ui/sign-in': 'Sign in',
};

function Redirect(): VNode {
  const { route } = useLocation();
  useEffect(() => route('/ui/now', true), []);
  return <></>;
}

function NotFound(): VNode {
  const { path } = useLocation();
  return (
    <>
      <PageHead title="There is no such page" />
      <section class="panel">
        <div class="empty">
          <div class="empty-icon" aria-hidden="true">
            <MapPinOff size={24} />
          </div>
          <p class="muted">
            Nothing of the dashboard is at <code>{path}</code>.
          </p>
          <div class="page-actions">
            <a class="button is-primary" href="/ui/now">
              To the start
            </a>
          </div>
        </div>
      </section>
    </>
  );
}

/** Names the page in the tab, and tells screen readers that another one is shown. */
function Title(): VNode {
  const { path } = useLocation();
  const instance = session.value?.instance;
  const job = /^\/ui\/jobs\/([^/]+)$/.exec(path)?.[1];
  const name = titles[path] ?? (job ? `Job ${shortId(job)}` : 'No such page');
  useEffect(() => {
    document.title = [name, instance, 'Stayler Worker'].filter(Boolean).join(' · ');
  }, [name, instance]);
  return (
    <p class="visually-hidden" role="status">
      {name}
    </p>
  );
}

function Pages(): VNode {
  if (!session.value) {
    return sessionError.value ? (
      <Failure text={`${explain(sessionError.value)} This page tries again by itself.`} />
    ) : (
      <div class="skeleton" role="status" aria-label="Loading">
        <i />
        <i />
        <i />
      </div>
    );
  }
  if (needsKey.value) {
    return <SignInPage />;
  }
  return (
    <Router>
      <Route path="/" component={Redirect} />
      <Route path="/ui" component={Redirect} />
      <Route path="/ui/sign-in" component={SignInPage} />
      <Route path="/ui/now" component={NowPage} />
      <Route path="/ui/jobs" component={JobsPage} />
      <Route path="/ui/jobs/:id" component={JobPage} />
      <Route path="/ui/dead" component={DeadLettersPage} />
      <Route path="/ui/workers" component={WorkersPage} />
      <Route path="/ui/tree" component={TreePage} />
      <Route path="/ui/costs" component={MoneyPage} />
      <Route path="/ui/settings" component={SettingsPage} />
      <Route path="/ui/notifications" component={NotificationsPage} />
      <Route path="/ui/audit" component={AuditPage} />
      <Route path="/ui/try" component={TryPage} />
      <Route default component={NotFound} />
    </Router>
  );
}

export function App(): VNode {
  return (
    <LocationProvider scope="/ui">
      <Title />
      <Shell>
        <Pages />
      </Shell>
    </LocationProvider>
  );
}
