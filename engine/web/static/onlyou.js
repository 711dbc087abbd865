// The feed by keyboard, and "Why this?" closing what it opened. Everything works without this file.
// Source: WAI-ARIA Authoring Practices, feed pattern.
(() => {
  const articles = () => [...document.querySelectorAll('[role=feed] > article')];

  document.addEventListener('keydown', (event) => {
    if (event.key !== 'PageDown' && event.key !== 'PageUp') return;
    const current = event.target.closest('[role=feed] > article');
    if (!current) return;
    const all = articles();
    const next = all[all.indexOf(current) + (event.key === 'PageDown' ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  // htmx fills the panel; a second press empties it and asks nobody.
  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-opens]');
    const panel = opener && document.getElementById(opener.dataset.opens);
    if (!panel || !panel.childElementCount) return;
    event.preventDefault();
    event.stopPropagation();
    panel.replaceChildren();
    opener.setAttribute('aria-expanded', 'false');
  }, true);

  // What took a card's place gets the focus, or a keyboard would start again at the top.
  const focusOnNew = () => {
    const fresh = document.querySelector('[data-focus]');
    if (!fresh) return;
    fresh.removeAttribute('data-focus');
    fresh.focus({preventScroll: true});
  };

  document.addEventListener('htmx:after:swap', () => {
    focusOnNew();
    for (const opener of document.querySelectorAll('[data-opens]')) {
      const panel = document.getElementById(opener.dataset.opens);
      opener.setAttribute('aria-expanded', String(Boolean(panel && panel.childElementCount)));
    }
  });

  for (const [name, busy] of [['htmx:before:request', 'true'], ['htmx:finally:request', 'false']]) {
    document.addEventListener(name, () => {
      for (const feed of document.querySelectorAll('[role=feed]')) feed.setAttribute('aria-busy', busy);
    });
  }
})();
