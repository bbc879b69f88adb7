// Cards of moments: each plays in place, within its seconds; arrows go from card to card.

import { isTyped } from "./page.js";

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
  Object.assign(film, { playsInline: true, muted: false, preload: "auto" });
  film.src = `/media/${card.dataset.video}#t=${from}`;
  picture.classList.add("playing", "loading");
  film.addEventListener("loadedmetadata", () => { film.currentTime = from; });
  film.addEventListener("playing", () => picture.classList.remove("loading"));
  film.addEventListener("waiting", () => picture.classList.add("loading"));
  film.addEventListener("timeupdate", () => {
    if (film.currentTime >= to || film.currentTime < from - 0.5) film.currentTime = from;
  });
  film.addEventListener("ended", () => { film.currentTime = from; film.play(); });
  film.addEventListener("error", () => {
    stop(picture);
    const words = document.createElement("span");
    words.className = "failed";
    words.textContent = "This file cannot be played here.";
    picture.append(words);
  });
  picture.append(film);
  film.play().catch(() => {});
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
  else if (key === "j" && film) film.currentTime = Math.max(Number(card.dataset.from), film.currentTime - JUMP_S);
  else if (key === "l" && film) film.currentTime = Math.min(Number(card.dataset.to), film.currentTime + JUMP_S);
  else if (key === "m") card.querySelector("[data-more]")?.click();
  else if (key === "p") card.querySelector("[data-pin]")?.click();
});
