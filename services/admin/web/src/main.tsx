import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/tables.css';
import './styles/controls.css';
import './styles/figures.css';
import './styles/setup.css';
import { QueryClientProvider } from '@tanstack/preact-query';
import { render } from 'preact';
import { LocationProvider } from 'preact-iso';
import { queryClient } from './api/queries.js';
import { App } from './app.js';

/** Addresses that the service answers itself, by sending the browser on. */
const SCOPE = /^\/(?!api\/|assets\/|oauth2callback|setup-link\/|sign-in\/.)/;

const root = document.getElementById('app');
if (root)
  render(
    <QueryClientProvider client={queryClient}>
      <LocationProvider scope={SCOPE}>
        <App />
      </LocationProvider>
    </QueryClientProvider>,
    root,
  );
