// What every page does: keys that work everywhere, messages, and clips or pictures that are dropped in.

const ask = document.getElementById("ask");
const keys = document.getElementById("keys");
const said = document.getElementById("said");
let silence;

export function say(words) {
  said.textContent = words;
  said.classList.add("shown");
  clearTimeout(silence);
  silence = setTimeout(() => said.classList.remove("shown"), 4000);
}

// A key that is typed into a field, or held with another one, is not for us.
export function isTyped(event) {
  const place = event.target;
  const field = place.matches?.("input:not([type=checkbox]), textarea, select") || place.isContentEditable;
  return field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target === ask) ask.blur();
  if (isTyped(event)) return;
  if (event.key === "/") {
    event.preventDefault();
    ask.focus();
    ask.select();
  } else if (event.key === "?") {
    keys.showModal();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys]")) keys.showModal();
});

document.addEventListener("htmx:error", () => say("That did not work. Is eruv serve still running?"));
document.addEventListener("htmx:response:error", () => say("That did not work."));

// Pictures that take a while to make.
for (const picture of document.querySelectorAll("img[data-wait]")) {
  const frame = picture.parentElement;
  const over = () => frame.classList.remove("loading");
  if (picture.complete) continue;
  frame.classList.add("loading");
  picture.addEventListener("load", over);
  picture.addEventListener("error", () => { over(); say("This picture could not be made."); });
}
