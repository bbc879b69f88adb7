// The page of a video: keys, the playhead, and a range that is dragged over the timeline or typed.

import { isTyped, playable } from "./page.js";

const player = document.getElementById("player");
const film = document.getElementById("film");
const line = document.getElementById("timeline");
const chosen = document.getElementById("chosen");
const head = document.getElementById("head");
const fields = { from: document.getElementById("from"), to: document.getElementById("to") };
const repeat = document.getElementById("loop");
const wait = document.getElementById("wait");
const first = Number(player.dataset.start);
const last = Number(player.dataset.end);
// Seconds of the file's clock where the player's are 0.
const offset = Number(player.dataset.offset);
const frame_s = 1 / Number(player.dataset.rate);
const range = { from: Number(player.dataset.from), to: Number(player.dataset.to) };
const SMALLEST_S = 0.05;
const DRAGGED = 4; // pixels from which on a press is no click
const JUMP_S = 5;

function clock(seconds, digits = 2) {
  const whole = Math.max(0, Number(seconds.toFixed(digits)));
  const minutes = Math.floor(whole / 60);
  const rest = (whole - 60 * minutes).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

function read(text) {
  if (!/^\s*(\d+:){0,2}\d+(\.\d+)?\s*$/.test(text)) return NaN;
  return text.trim().split(":").reduce((sum, part) => 60 * sum + Number(part), 0);
}

const now = () => film.currentTime + offset;
const seek = (seconds) => { film.currentTime = Math.min(Math.max(seconds, first), last - 0.001) - offset; showHead(); };
const along = (seconds) => (1000 * (seconds - first)) / Math.max(last - first, 1e-6);

function showHead() {
  head.setAttribute("x", along(now()) - 1);
  line.setAttribute("aria-valuenow", now().toFixed(3));
  line.setAttribute("aria-valuetext", clock(now(), 1));
}

function showRange() {
  chosen.setAttribute("x", along(range.from));
  chosen.setAttribute("width", Math.max(0, along(range.to) - along(range.from)));
  fields.from.value = clock(range.from);
  fields.to.value = clock(range.to);
  document.getElementById("long").textContent = `${(range.to - range.from).toFixed(1)} s`;
  const pin = document.querySelector(".range-pin form.pin");
  if (pin) {
    const values = { from: range.from.toFixed(3), to: range.to.toFixed(3) };
    const changed = ["from", "to"].some((name) => Number(pin.elements[name].value) !== Number(values[name]));
    if (changed) {
      for (const name of ["from", "to"]) pin.elements[name].value = values[name];
      pin.elements.remove?.remove();
      const button = pin.querySelector("button");
      button.setAttribute("aria-pressed", "false");
      button.lastChild.textContent = " Pin";
    }
  }
  const attend = document.getElementById("attend");
  if (attend) attend.href = `/attention/${player.dataset.video}?from=${range.from.toFixed(3)}&to=${range.to.toFixed(3)}`;
}

function choose(from, to, { link = true } = {}) {
  range.from = Math.max(first, Math.min(from, to));
  range.to = Math.min(last, Math.max(from, to, range.from + SMALLEST_S));
  showRange();
  if (link) {
    const place = new URL(location);
    place.searchParams.set("from", range.from.toFixed(3));
    place.searchParams.set("to", range.to.toFixed(3));
    history.replaceState(history.state, "", place);
  }
}

function setRepeat(on) {
  repeat.setAttribute("aria-pressed", String(on));
}

const repeats = () => repeat.getAttribute("aria-pressed") === "true";

// The pointer: a click goes there, a drag chooses.
let press = null;
function secondsAt(event) {
  const box = line.querySelector(".bar").getBoundingClientRect();
  const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  return first + share * (last - first);
}
line.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  press = { x: event.clientX, seconds: secondsAt(event), dragged: false };
  line.setPointerCapture(event.pointerId);
});
line.addEventListener("pointermove", (event) => {
  if (!press) return;
  press.dragged ||= Math.abs(event.clientX - press.x) > DRAGGED;
  if (press.dragged) choose(press.seconds, secondsAt(event), { link: false });
});
line.addEventListener("pointerup", (event) => {
  if (!press) return;
  const { dragged, seconds } = press;
  press = null;
  if (dragged) {
    choose(seconds, secondsAt(event));
    setRepeat(true);
    seek(range.from);
  } else {
    setRepeat(false);
    seek(seconds);
  }
});
line.addEventListener("pointercancel", () => { press = null; });

for (const name of ["from", "to"]) {
  fields[name].addEventListener("change", () => {
    const seconds = read(fields[name].value);
    if (Number.isNaN(seconds)) showRange();
    else choose(name === "from" ? seconds : range.from, name === "to" ? seconds : Math.max(range.to, seconds + SMALLEST_S));
  });
}
repeat.addEventListener("click", () => {
  setRepeat(!repeats());
  if (repeats()) seek(range.from);
});

film.addEventListener("timeupdate", () => {
  showHead();
  if (repeats() && now() >= range.to - 0.01 && !film.seeking) seek(range.from);
});
film.addEventListener("ended", () => {
  if (repeats()) { seek(range.from); film.play(); }
});
film.addEventListener("seeked", showHead);

// The first time, a part that the address names begins exactly there.
let wanted = null;
function begin() {
  wait.hidden = true;
  if (!player.dataset.ranged) return;
  seek(range.from);
  wanted = range.from;
}
// Of a film that starts late, Chromium first takes its length for its end.
film.addEventListener("durationchange", () => {
  if (wanted !== null && film.paused && now() < wanted - frame_s / 2) seek(wanted);
});
for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, () => { wanted = null; }, { capture: true });
}
function tell(words, busy) {
  document.getElementById("wait-words").textContent = words;
  wait.querySelector(".spinner").hidden = !busy;
  wait.hidden = false;
}
if (player.dataset.gone) tell(player.dataset.gone, false);
else if (film.readyState >= HTMLMediaElement.HAVE_METADATA) begin();
else film.addEventListener("loadedmetadata", begin, { once: true });
if (player.dataset.preview) {
  const words = "Making a preview that browsers can play";
  tell(words, true);
  playable(player.dataset.video, (share) => tell(`${words}: ${Math.round(100 * share)} %`, true)).then(
    () => { film.src = `/media/${player.dataset.video}`; },
    (error) => tell(error.message, false),
  );
}
film.addEventListener("error", () => { if (film.src) tell("This file cannot be played here.", false); });

// Shots: a click plays from there without loading the page again.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-seek]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const card = link.closest(".card");
  mark(card);
  choose(Number(card.dataset.from), Number(card.dataset.to));
  setRepeat(true);
  seek(range.from);
  film.play().catch(() => {});
  player.scrollIntoView({ block: "nearest" });
});

function mark(card) {
  document.querySelector(".card.current")?.classList.remove("current");
  card.classList.add("current");
}

function shot(step) {
  const cards = [...document.querySelectorAll("[data-shot]")];
  const starts = cards.map((card) => Number(card.dataset.from));
  const here = starts.findLastIndex((start) => start <= now() + 0.01);
  const there = cards[Math.min(cards.length - 1, Math.max(0, here + step))];
  if (there) {
    mark(there);
    setRepeat(false);
    seek(Number(there.dataset.from));
  }
}

const pause = () => (film.paused ? film.play().catch(() => {}) : film.pause());
const KEYS = {
  k: pause,
  " ": pause,
  j: () => seek(now() - JUMP_S),
  l: () => seek(now() + JUMP_S),
  arrowleft: (event) => seek(now() - (event.shiftKey ? frame_s : 1)),
  arrowright: (event) => seek(now() + (event.shiftKey ? frame_s : 1)),
  arrowup: () => shot(-1),
  arrowdown: () => shot(1),
  i: () => choose(now(), Math.max(range.to, now() + SMALLEST_S)),
  o: () => choose(Math.min(range.from, now() - SMALLEST_S), now()),
  m: () => document.querySelector("#range [data-more]")?.click(),
  p: () => document.querySelector(".range-pin [data-pin]")?.click(),
};
document.addEventListener("keydown", (event) => {
  const act = KEYS[event.key.toLowerCase()];
  if (!act || isTyped(event)) return;
  if (event.key === " " && event.target.closest("button, a, summary")) return;
  event.preventDefault();
  event.stopPropagation();
  act(event);
}, { capture: true });

showRange();
