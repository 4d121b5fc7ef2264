// One section of a draft: every sentence with the number of its source; a number opens the place in the source.
const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector('.cited');
  const words = data.words;
  root.replaceChildren();

  const card = (origin) => {
    const box = element('aside', 'card');
    const head = element('div', 'head');
    const place = origin.page ? `${origin.title} · ${words.page.replace('{number}', origin.page)}` : origin.title;
    const title = element('b', '', place);
    const close = element('button', 'close', '×');
    close.type = 'button';
    close.setAttribute('aria-label', words.close);
    close.onclick = () => { const opener = box.opener; box.remove(); opener?.setAttribute('aria-expanded', 'false'); opener?.focus(); };
    head.append(element('span', 'chip', String(origin.number)), title, close);
    const quote = element('blockquote');
    if (origin.span) quote.append(origin.before, element('mark', '', origin.span), origin.after);
    else quote.append(element('em', '', words.gone));
    box.append(head, quote, element('small', '', origin.name));
    return box;
  };

  const cite = (statement, after) => {
    const numbers = [];
    statement.origins.forEach((origin) => {
      const button = element('button', 'cite', String(origin.number));
      button.type = 'button';
      button.title = origin.title;
      button.setAttribute('aria-expanded', 'false');
      button.setAttribute('aria-label', words.cite.replace('{number}', origin.number).replace('{title}', origin.title));
      button.onclick = () => {
        const isOpen = button.getAttribute('aria-expanded') === 'true';
        root.querySelectorAll('.card').forEach((each) => each.remove());
        root.querySelectorAll('.cite').forEach((each) => each.setAttribute('aria-expanded', 'false'));
        root.querySelectorAll('.lit').forEach((each) => each.classList.remove('lit'));
        if (isOpen) return;
        const box = card(origin);
        box.opener = button;
        button.setAttribute('aria-expanded', 'true');
        button.closest('.said')?.classList.add('lit');
        after(box);
      };
      numbers.push(button);
    });
    return numbers;
  };

  const said = (statement, after) => {
    const span = element('span', `said ${statement.support}`);
    if (statement.label) span.append(element('b', '', `${statement.label}: `));
    const text = element('span', 'text', statement.text);
    if (words[statement.support]) text.title = words[statement.support];
    span.append(text, ...cite(statement, after));
    if (statement.support === 'unsupported') {
      const flag = element('span', 'flag', '?');
      flag.title = words.unsupported;
      span.append(flag);
    }
    return span;
  };

  const flow = (block, node) => {
    block.statements.forEach((statement) => node.append(said(statement, (box) => node.after(box)), ' '));
    return node;
  };

  const table = (block) => {
    const scroll = element('div', 'scroll');
    scroll.tabIndex = 0;
    scroll.setAttribute('role', 'region');
    scroll.setAttribute('aria-label', words.table);
    const drawn = element('table');
    block.statements.forEach((statement, row) => {
      const line = element('tr');
      const isHead = block.header && row === 0;
      statement.cells.forEach((cell) => {
        const box = element(isHead ? 'th' : 'td', /^[\s\d.,%€$£+-]+$/.test(cell) ? 'figure' : '', cell);
        if (isHead) box.scope = 'col';
        line.append(box);
      });
      const source = element('td', 'source');
      source.append(...cite(statement, (box) => scroll.after(box)));
      line.append(source);
      drawn.append(line);
    });
    scroll.append(drawn);
    return scroll;
  };

  let list = null;
  data.blocks.forEach((block) => {
    if (block.kind === 'list_item') {
      if (!list) root.append((list = element('ul')));
      const item = element('li', `level-${Math.min(block.level, 4)}`);
      list.append(item);
      const line = element('div');
      item.append(line);
      flow(block, line);
      return;
    }
    list = null;
    if (block.kind === 'table') {
      root.append(table(block));
      if (block.chart) root.append(element('p', 'chart', block.chart));
    } else if (block.kind === 'code') {
      root.append(element('pre', '', block.statements.map((each) => each.text).join('\n')));
    } else {
      const name = { heading: 'h4', quote: 'blockquote', caption: 'p' }[block.kind] || 'p';
      root.append(flow(block, element(name, block.kind)));
    }
  });
}
