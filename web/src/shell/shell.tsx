// SPDX-License-Identifier: MIT
// What stands around each page: navigation, search, the state of the connection, and who looks.

import {
  Activity,
  Bell,
  Boxes,
  CircleHelp,
  Coins,
  Ellipsis,
  Eye,
  EyeOff,
  Inbox,
  ListChecks,
  LogOut,
  Monitor,
  Moon,
  Network,
  ScrollText,
  Settings,
  Sun,
  Wand,
  type LucideIcon,
} from 'lucide-preact';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { onKey } from '../lib/keyboard';
import { isPrivate, theme, type Theme } from '../lib/preferences';
import { may, needsKey, seesAll, session, signOut } from '../lib/session';
import icon from '../icon.svg';
import { Toasts } from '../ui/toast';
import { Help } from './help';
import { LiveBadge } from './live_badge';
import { Search } from './search';

interface Place {
  path: string;
  name: string;
  key: string;
  icon: LucideIcon;
  isShown: () => boolean;
}

const always = (): boolean => true;

const places: Place[] = [
  { path: '/ui/now', name: 'Now', key: 'n', icon: Activity, isShown: always },
  { path: '/ui/jobs', name: 'Jobs', key: 'j', icon: ListChecks, isShown: always },
  { path: '/ui/dead', name: 'Dead letters', key: 'd', icon: Inbox, isShown: always },
  { path: '/ui/try', name: 'Try it', key: 'y', icon: Wand, isShown: () => may('submitter') },
  { path: '/ui/workers', name: 'Workers', key: 'w', icon: Boxes, isShown: () => seesAll.value },
  { path: '/ui/tree', name: 'Tree', key: 't', icon: Network, isShown: () => seesAll.value },
  { path: '/ui/costs', name: 'Money', key: 'm', icon: Coins, isShown: () => seesAll.value },
  {
    path: '/ui/notifications',
    name: 'Notifications',
    key: 'o',
    icon: Bell,
    isShown: () => may('admin') && seesAll.value,
  },
  {
    path: '/ui/audit',
    name: 'Audit',
    key: 'a',
    icon: ScrollText,
    isShown: () => may('admin') && seesAll.value,
  },
  {
    path: '/ui/settings',
    name: 'Settings',
    key: 's',
    icon: Settings,
    isShown: () => may('admin') && seesAll.value,
  },
];

/** How many of the places have room at the foot of a phone; the rest are behind "More". */
const placesOnPhone = 4;

function Navigation(): VNode {
  const { path } = useLocation();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  const shown = places.filter((each) => each.isShown());
  return (
    <nav class={`nav ${isOpen ? 'is-open' : ''}`} aria-label="Pages">
      <a class="brand" href="/ui/now">
        <img src={icon} width="28" height="28" alt="" />
        <span>Stayler Worker</span>
      </a>
      <ul>
        {shown.map(({ path: target, name, icon: Icon, key }, i) => (
          <li key={target} class={i >= placesOnPhone ? 'is-more' : ''}>
            <a
              href={target}
              aria-current={path === target || path.startsWith(`${target}/`) ? 'page' : undefined}
            >
              <Icon size={18} aria-hidden="true" />
              <span>{name}</span>
              <kbd aria-hidden="true">g {key}</kbd>
            </a>
          </li>
        ))}
        {shown.length > placesOnPhone && (
          <li class="more-toggle">
            <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              <Ellipsis size={18} aria-hidden="true" />
              <span>More</span>
            </button>
          </li>
        )}
      </ul>
    </nav>
  );
}

const nextTheme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const themeIcons = { system: Monitor, light: Sun, dark: Moon };

function ThemeButton(): VNode {
  const Icon = themeIcons[theme.value];
  const label = `Colours: ${theme.value}. Change to ${nextTheme[theme.value]}`;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      onClick={() => (theme.value = nextTheme[theme.value])}
    >
      <Icon size={18} aria-hidden="true" />
    </button>
  );
}

function PrivacyButton(): VNode {
  const Icon = isPrivate.value ? EyeOff : Eye;
  return (
    <button
      type="button"
      class="icon-button"
      aria-pressed={isPrivate.value}
      aria-label="Blur photos and users"
      title="Blur photos and users (p)"
      onClick={() => (isPrivate.value = !isPrivate.value)}
    >
      <Icon size={18} aria-hidden="true" />
    </button>
  );
}

function Account(): VNode | null {
  const who = session.value;
  if (!who?.signedIn) {
    return null;
  }
  if (!who.keyNeeded) {
    return (
      <span
        class="account muted small"
        title="The service listens on this machine alone and has no keys."
      >
        no keys, loopback
      </span>
    );
  }
  return (
    <span class="account">
      <bdi>{who.name}</bdi>
      <span class="tag">{who.role}</span>
      <button
        type="button"
        class="icon-button"
        onClick={() => void signOut()}
        aria-label="Sign out"
        title="Sign out"
      >
        <LogOut size={17} aria-hidden="true" />
      </button>
    </span>
  );
}

function Banner(): VNode | null {
  const name = session.value?.instance;
  return name ? (
    <span class="instance" data-hue={hueOf(name)}>
      {name}
    </span>
  ) : null;
}

/** One of six colours, always the same for a name. */
function hueOf(name: string): number {
  return [...name].reduce((sum, each) => (sum * 31 + (each.codePointAt(0) ?? 0)) % 6, 0);
}

export function Shell({ children }: { children: ComponentChildren }): VNode {
  const { route, path } = useLocation();
  const [hasHelp, setHelp] = useState(false);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const ends = [
      ...places.map(({ key, path: target, isShown }) =>
        onKey(`g ${key}`, () => isShown() && route(target)),
      ),
      onKey('?', () => setHelp(true)),
      onKey('p', () => (isPrivate.value = !isPrivate.value)),
      onKey('f', () => void dispatchEvent(new Event('stayler:flip'))),
    ];
    return () => ends.forEach((end) => end());
  }, [route]);
  const isOpenToAll = session.value?.signedIn === true && !needsKey.value;
  // Before it is known who looks, there is room for what most will see: so nothing moves then.
  const isUnknown = session.value === null;
  return (
    <div class={`shell ${isOpenToAll || isUnknown ? '' : 'is-bare'}`}>
      <a
        class="skip-link"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the page
      </a>
      {isUnknown && <div class="nav" />}
      {isOpenToAll && <Navigation />}
      <div class="column">
        {isUnknown && <div class="top" />}
        {isOpenToAll && (
          <header class="top">
            <a class="brand is-small" href="/ui/now" aria-label="Stayler Worker">
              <img src={icon} width="26" height="26" alt="" />
            </a>
            <Banner />
            <Search />
            <LiveBadge />
            <PrivacyButton />
            <ThemeButton />
            <button
              type="button"
              class="icon-button wide-only"
              aria-label="Keys and help"
              title="Keys and help (?)"
              onClick={() => setHelp(true)}
            >
              <CircleHelp size={18} aria-hidden="true" />
            </button>
            <Account />
          </header>
        )}
        <main id="main" ref={main} tabIndex={-1} key={path.split('/').slice(0, 3).join('/')}>
          {children}
        </main>
      </div>
      {hasHelp && <Help onClose={() => setHelp(false)} />}
      <Toasts />
    </div>
  );
}
