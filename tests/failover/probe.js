// What is wrong with how a page is laid out, as a list of sentences, and what there was to look at.
function probe(page, view) {
  const wrong = [], root = page.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`${root.scrollWidth - root.clientWidth} px too wide`);

  const parse = text => {
    const found = text.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
    return found && [+found[1], +found[2], +found[3], found[4] === undefined ? 1 : +found[4]];
  };
  const over = (top, below) => top.slice(0, 3).map((part, i) => part * top[3] + below[i] * (1 - top[3]));
  const luminance = colour => {
    const [r, g, b] = colour.map(part => part / 255).map(p => p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  // How an element fills a place that it covers.
  const fill = element => {
    const style = view.getComputedStyle(element);
    if (!(element instanceof view.SVGElement) || element instanceof view.SVGSVGElement) return parse(style.backgroundColor);
    if (element instanceof view.SVGTextElement || element instanceof view.SVGLineElement) return null;
    if (style.fill.startsWith('url')) {
      const line = page.querySelector(style.fill.match(/"(#.*)"/)[1] + ' line'), look = view.getComputedStyle(line);
      return [...parse(look.stroke).slice(0, 3), +look.strokeOpacity];
    }
    const colour = parse(style.fill);
    return colour && [...colour.slice(0, 3), colour[3] * style.fillOpacity];
  };
  const behind = (element, x, y) => {
    const stack = page.elementsFromPoint(x, y).filter(other => other !== element && !element.contains(other));
    const canvas = parse(view.getComputedStyle(root).backgroundColor) || [255, 255, 255, 1];
    return stack.reverse().map(fill).filter(Boolean).reduce((below, top) => over(top, below), over(canvas, [255, 255, 255]));
  };
  const shown = element => element.getClientRects().length > 0;
  const own = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  let looked = 0;
  for (const element of page.body.querySelectorAll('*')) {
    if (!shown(element) || !own(element)) continue;
    const style = view.getComputedStyle(element), svg = element instanceof view.SVGElement;
    const ink = parse(svg ? style.fill : style.color), box = element.getBoundingClientRect();
    looked += 1;
    if (!box.width) continue;
    for (const part of [0.02, 0.25, 0.5, 0.75, 0.98]) {
      const [x, y] = [box.left + box.width * part, box.top + box.height / 2];
      if (x < 0 || x >= root.clientWidth) continue;
      const ratio = contrast(ink, behind(element, x, y));
      if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${element.textContent.trim()}`);
    }
  }

  for (const svg of page.querySelectorAll('svg')) {
    if (!shown(svg)) continue;
    const edge = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
    texts.forEach(([name, box], i) => {
      if (box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1 || box.bottom > edge.bottom + 1) {
        wrong.push(`outside of its picture: ${name}`);
      }
      for (const [other, next] of texts.slice(0, i)) {
        const wide = Math.min(box.right, next.right) - Math.max(box.left, next.left);
        const high = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
        // Lines of text are as high as their ascenders: a part of that they may share.
        if (wide > 1 && high > Math.min(box.height, next.height) * 0.3) wrong.push(`one upon the other: ${name} / ${other}`);
      }
    });
  }
  const charts = [...page.querySelectorAll('svg')].filter(shown).length;
  const dark = view.matchMedia('(prefers-color-scheme: dark)').matches;
  return { wrong, looked, charts, dark, width: view.innerWidth };
}
