// SPDX-License-Identifier: MIT
import { render } from 'preact';
import { App } from './app';
import { loadSession } from './lib/session';
import 'uplot/dist/uPlot.min.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/pages.css';

const root = document.getElementById('app');
if (root) {
  render(<App />, root);
  void loadSession();
}
