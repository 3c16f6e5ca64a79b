import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export type PageProps = {
  title: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  crumbs?: readonly { text: string; href: string }[];
  children: ComponentChildren;
};

/** A page's head and body. On arrival its heading takes the focus, so that screen readers say where they are. */
export function Page({ title, lead, actions, crumbs = [], children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Muster`;
  }, [title]);
  useEffect(() => {
    // Not at the first page: there the browser's own start is right.
    if (document.documentElement.dataset.arrived === 'yes') heading.current?.focus();
    document.documentElement.dataset.arrived = 'yes';
  }, []);
  return (
    <>
      <header class="page-head">
        <div>
          {crumbs.length > 0 && (
            <nav aria-label="Where this page belongs">
              <ol class="crumbs">
                {crumbs.map(({ text, href }) => (
                  <li key={href}>
                    <a href={href}>{text}</a>
                  </li>
                ))}
              </ol>
            </nav>
          )}
          <h1 ref={heading} tabIndex={-1} class="wrap">
            {title}
          </h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div class="row">{actions}</div>}
      </header>
      <div class="stack">{children}</div>
    </>
  );
}
