// The map: points on a canvas; the one that is pointed at is shown beside it, a click keeps it.

const COLOURS = ["#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#76b7b2", "#d4a72c", "#9c755f", "#ff9da7", "#86bcb6", "#8cd17d", "#a0a7b4"];
const NEAR = 16; // pixels
const MARGIN = 18;

function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(1).padStart(4, "0")}`;
}

async function begin(canvas) {
  const { videos, points } = await (await fetch("/map/points")).json();
  const context = canvas.getContext("2d");
  const byId = (name) => document.getElementById(`spot-${name}`);
  let kept = -1;
  let shown = -1;
  let only = -1;
  let places = [];

  function draw() {
    const { width, height } = canvas.getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    context.scale(scale, scale);
    places = points.map(([x, y]) => [MARGIN + x * (width - 2 * MARGIN), MARGIN + (1 - y) * (height - 2 * MARGIN)]);
    const radius = points.length > 1500 ? 2.6 : 4;
    points.forEach(([, , cluster], number) => {
      context.globalAlpha = only < 0 || only === cluster ? 0.78 : 0.1;
      context.fillStyle = COLOURS[cluster % COLOURS.length];
      context.beginPath();
      context.arc(...places[number], radius, 0, 2 * Math.PI);
      context.fill();
    });
    context.globalAlpha = 1;
    const number = shown >= 0 ? shown : kept;
    if (number < 0) return;
    context.lineWidth = 2.5;
    context.strokeStyle = getComputedStyle(canvas).color;
    context.beginPath();
    context.arc(...places[number], 8, 0, 2 * Math.PI);
    context.stroke();
  }

  function tell(number) {
    byId("hint").hidden = number >= 0;
    byId("card").hidden = number < 0;
    if (number < 0) return;
    const [, , , video, from, to] = points[number];
    const [id, name] = videos[video];
    const part = `from=${from}&to=${to}`;
    byId("img").src = `/still/${id}?at=${((from + to) / 2).toFixed(3)}&height=180`;
    for (const one of ["picture", "name"]) byId(one).href = `/video/${id}?${part}`;
    byId("picture").setAttribute("aria-label", `Open ${name} at ${clock(from)}`);
    byId("name").textContent = name.split("/").pop();
    byId("name").title = name;
    byId("when").textContent = `${clock(from)} – ${clock(to)}`;
    byId("more").href = `/search?video=${id}&${part}`;
  }

  function show(number) {
    if (number === shown) return;
    shown = number;
    tell(shown >= 0 ? shown : kept);
    draw();
  }

  function nearest(event) {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = -1;
    let least = NEAR * NEAR;
    places.forEach(([px, py], number) => {
      const far = (px - x) ** 2 + (py - y) ** 2;
      if (far < least) [best, least] = [number, far];
    });
    return best;
  }

  // The next point in a direction: near, and rather ahead than aside.
  function beside(dx, dy) {
    if (kept < 0) return 0;
    const [x, y] = places[kept];
    let best = kept;
    let least = Infinity;
    places.forEach(([px, py], number) => {
      const ahead = (px - x) * dx + (py - y) * dy;
      const aside = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
      const cost = ahead + 2.5 * aside;
      if (ahead > 0.5 && cost < least) [best, least] = [number, cost];
    });
    return best;
  }

  canvas.addEventListener("pointermove", (event) => show(nearest(event)));
  canvas.addEventListener("pointerleave", () => show(-1));
  canvas.addEventListener("click", (event) => {
    kept = nearest(event);
    shown = -1;
    tell(kept);
    draw();
  });
  canvas.addEventListener("keydown", (event) => {
    const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in ways) {
      event.preventDefault();
      event.stopPropagation();
      kept = beside(...ways[event.key]);
      tell(kept);
      draw();
    } else if (event.key === "Enter" && kept >= 0) byId("name").click();
  });
  for (const section of document.querySelectorAll("[data-cluster]")) {
    const number = Number(section.dataset.cluster);
    section.querySelector("h2").addEventListener("pointerenter", () => { only = number; draw(); });
    section.querySelector("h2").addEventListener("pointerleave", () => { only = -1; draw(); });
  }
  new ResizeObserver(draw).observe(canvas);
  draw();
}

// It comes when it is worked out.
function look() {
  const canvas = document.getElementById("map");
  if (canvas && !canvas.dataset.begun) {
    canvas.dataset.begun = "1";
    begin(canvas);
  }
}
new MutationObserver(look).observe(document.getElementById("main"), { childList: true, subtree: true });
look();
