// Cards of moments: each plays in place, within its seconds; arrows go from card to card.

import { isTyped, playable } from "./page.js";

const JUMP_S = 5;

function play(picture) {
  const open = document.querySelector(".picture.playing");
  if (open && open !== picture) stop(open);
  let film = picture.querySelector("video");
  if (film) {
    if (film.paused) film.play();
    else film.pause();
    return;
  }
  const card = picture.closest(".card");
  const from = Number(card.dataset.from);
  const to = Number(card.dataset.to);
  film = document.createElement("video");
  Object.assign(film, { playsInline: true, preload: "auto" });
  let offset = 0;
  const begin = () => { film.currentTime = from - offset; };
  picture.querySelector(".failed")?.remove();
  picture.classList.add("playing", "loading");
  film.addEventListener("loadedmetadata", begin);
  film.addEventListener("durationchange", () => { if (film.currentTime + offset < from - 0.05) begin(); });
  film.addEventListener("playing", () => picture.classList.remove("loading"));
  film.addEventListener("waiting", () => picture.classList.add("loading"));
  film.addEventListener("timeupdate", () => {
    const now = film.currentTime + offset;
    if (now >= to || now < from - 0.5) begin();
  });
  film.addEventListener("ended", () => { begin(); film.play(); });
  film.addEventListener("error", () => fail(picture, "This file cannot be played here."));
  picture.append(film);
  playable(card.dataset.video, () => {}, () => !film.isConnected).then((second) => {
    if (!film.isConnected) return;
    offset = second;
    film.src = `/media/${card.dataset.video}#t=${from - offset}`;
    film.play().catch(() => {});
  }, (error) => fail(picture, error.message));
}

function fail(picture, words) {
  stop(picture);
  const shown = document.createElement("span");
  shown.className = "failed";
  shown.textContent = words;
  picture.append(shown);
}

function stop(picture) {
  picture.querySelector("video")?.remove();
  picture.classList.remove("playing", "loading");
}

document.addEventListener("click", (event) => {
  const picture = event.target.closest("[data-play]");
  if (picture) play(picture);
});

function columns(cards) {
  const top = cards[0].offsetTop;
  const next = cards.findIndex((card) => card.offsetTop > top + 4);
  return next < 0 ? cards.length : next;
}

document.addEventListener("keydown", (event) => {
  if (isTyped(event) || document.getElementById("player")) return;
  const cards = [...document.querySelectorAll(".card:has([data-play])")];
  if (!cards.length) return;
  const here = cards.indexOf(document.activeElement.closest(".card"));
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(cards), ArrowUp: -columns(cards) };
  if (event.key in steps) {
    const there = here < 0 ? 0 : here + steps[event.key];
    if (cards[there]) {
      event.preventDefault();
      cards[there].querySelector("[data-play]").focus();
    }
    return;
  }
  const card = cards[here];
  if (!card) return;
  const film = card.querySelector("video");
  const key = event.key.toLowerCase();
  if (key === "k") play(card.querySelector("[data-play]"));
  else if (key === "j" && film) film.currentTime -= JUMP_S; // its seconds hold it
  else if (key === "l" && film) film.currentTime += JUMP_S;
  else if (key === "m") card.querySelector("[data-more]")?.click();
  else if (key === "p") card.querySelector("[data-pin]")?.click();
});
