/* Makes one tree of nodes say what another says, keeping every node that still tells of the same thing. */
const merge = (() => {
  const key = (it) => it.nodeName + (it.id || it.getAttribute("aria-labelledby") || it.getAttribute("href")
    || it.querySelector("h1, h2, h3, h4, h5")?.textContent || it.getAttribute("class"));
  const twinOf = (child, next) => {
    if (child.nodeType !== 1) return next?.nodeType === child.nodeType ? next : null;
    while (next && !(next.nodeType === 1 && key(next) === key(child))) next = next.nextSibling;
    return next;
  };
  const setAttributes = (old, fresh) => {
    const isOpen = old.open;
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    if (isOpen !== undefined) old.open = isOpen;
  };
  return function merge(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== 1) {
      old.data = fresh.data;
      return;
    }
    setAttributes(old, fresh);
    let next = old.firstChild;
    const dropTo = (end) => {
      while (next !== end) {
        const gone = next;
        next = next.nextSibling;
        gone.remove();
      }
    };
    for (const child of [...fresh.childNodes]) {
      const twin = twinOf(child, next);
      if (twin) {
        dropTo(twin);
        next = twin.nextSibling;
        merge(twin, child);
      } else old.insertBefore(child, next);
    }
    dropTo(null);
  };
})();
