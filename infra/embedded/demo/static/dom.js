// Small things about the page itself.

export const place = (id) => document.getElementById(id);

/** An element with a class and text; further arguments are its children. */
export function element(name, className = "", text = "", ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== "") made.textContent = text;
  made.append(...children);
  return made;
}

/** A button that says what it does. */
export function button(text, className, pressed) {
  const made = element("button", `button ${className}`.trim(), text);
  made.type = "button";
  made.addEventListener("click", pressed);
  return made;
}

let toastEnds = 0;

/** Says something for a few seconds. */
export function toast(text) {
  const box = place("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastEnds);
  toastEnds = setTimeout(() => { box.hidden = true; }, 5000);
}
