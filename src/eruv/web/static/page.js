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

// A clip or a picture that is dropped, pasted or picked becomes a query.
const drop = document.getElementById("drop");
const words = document.getElementById("drop-words");
const invitation = words.textContent;
let inside = 0;
let taking = false;

async function searchBy(file) {
  if (taking) return;
  const most = Number(drop.dataset.mostBytes);
  if (file.size > most) { // a server that hangs up while it is sent could not say so
    drop.hidden = true;
    say(`The file is larger than ${Math.floor(most / 1e6)} MB. Cut out the moment first.`);
    return;
  }
  taking = true;
  drop.hidden = false;
  words.textContent = `Reading ${file.name || "the picture"}…`;
  const spinner = Object.assign(document.createElement("span"), { className: "spinner" });
  words.prepend(spinner);
  try {
    const answer = await fetch("/upload", { method: "POST", body: file });
    const told = await answer.text();
    if (answer.ok) {
      location.href = `/search?upload=${encodeURIComponent(JSON.parse(told).id)}`;
      return;
    }
    say(answer.status === 422 ? JSON.parse(told).reason : told.trim().slice(0, 200));
  } catch {
    say("The file could not be sent. Is eruv serve still running?");
  }
  taking = false;
  drop.hidden = true;
  words.textContent = invitation;
}

const hasFile = (event) => event.dataTransfer?.types.includes("Files");
document.addEventListener("dragenter", (event) => {
  if (!hasFile(event)) return;
  inside += 1;
  drop.hidden = false;
});
document.addEventListener("dragleave", (event) => {
  if (!hasFile(event)) return;
  inside -= 1;
  if (inside <= 0 && !taking) drop.hidden = true;
});
document.addEventListener("dragover", (event) => { if (hasFile(event)) event.preventDefault(); });
document.addEventListener("drop", (event) => {
  if (!hasFile(event)) return;
  event.preventDefault();
  inside = 0;
  const [file] = event.dataTransfer.files;
  if (file) searchBy(file);
  else drop.hidden = true;
});
document.addEventListener("paste", (event) => {
  const [file] = event.clipboardData?.files ?? [];
  if (file) searchBy(file);
});
document.getElementById("pick").addEventListener("change", (event) => {
  const [file] = event.target.files;
  if (file) searchBy(file);
  event.target.value = "";
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  taking = false;
  drop.hidden = true;
  words.textContent = invitation;
});

// A film that browsers cannot play is made playable first; `onShare` hears how far that is. Gives the
// second of the film's clock where the player's is 0.
export async function playable(video, onShare = () => {}, isOver = () => false) {
  while (!isOver()) {
    const answer = await fetch(`/preview/${video}`);
    if (!answer.ok) throw new Error((await answer.text()).trim());
    const { state, share, reason, offset } = await answer.json();
    if (state === "ready") return offset;
    if (state === "failed") throw new Error(reason || "No preview can be made of this film.");
    onShare(share);
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  return 0;
}
