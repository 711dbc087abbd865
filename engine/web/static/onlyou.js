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

  // Versions of a portrait: the arrows turn one page, the numbers go to theirs; nothing turns by itself.
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const turn = (reel, left) => reel.scrollTo({left, behavior: still.matches ? 'auto' : 'smooth'});

  document.addEventListener('click', (event) => {
    const arrow = event.target.closest('[data-turn]');
    const number = event.target.closest('[data-slide]');
    const reel = (arrow || number)?.closest('.reel')?.querySelector('.slides');
    if (!reel) return;
    event.preventDefault();
    if (arrow) turn(reel, reel.scrollLeft + Number(arrow.dataset.turn) * reel.clientWidth);
    else turn(reel, document.getElementById(number.dataset.slide).offsetLeft - reel.offsetLeft);
  });

  const showArrows = () => {
    for (const arrow of document.querySelectorAll('[data-turn][hidden]')) arrow.hidden = false;
  };
  showArrows();

  // So many styles and no more: the others cannot be ticked until one is unticked.
  const bound = (styles) => {
    const all = [...styles.querySelectorAll('input')];
    const full = all.filter((one) => one.checked).length >= Number(styles.dataset.most);
    for (const one of all) one.disabled = full && !one.checked;
  };
  for (const styles of document.querySelectorAll('[data-most]')) {
    bound(styles);
    styles.addEventListener('change', () => bound(styles));
  }

  // What took a card's place gets the focus, or a keyboard would start again at the top.
  const focusOnNew = () => {
    const fresh = document.querySelector('[data-focus]');
    if (!fresh) return;
    fresh.removeAttribute('data-focus');
    fresh.focus({preventScroll: true});
  };

  document.addEventListener('htmx:after:swap', () => {
    focusOnNew();
    showArrows();
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
