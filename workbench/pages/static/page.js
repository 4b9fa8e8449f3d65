// Runs before Voila's script: theme, the change from the first painting to the live page, a lost connection.
"use strict";

// Voila's frontend calls these; there is no spinner to take away here.
window.voila_finish = window.voila_process = window.voila_heartbeat = () => {};

const QUIET_MS = 100; // the widgets are drawn one by one; shown once none came for so long
const LONGEST_MS = 1000;
const LOST = "The connection to the server is gone: what you see is no longer live.";

function chooseTheme() {
  const told = document.getElementById("jupyter-config-data");
  if (told && matchMedia("(prefers-color-scheme: dark)").matches) {
    told.textContent = JSON.stringify({ ...JSON.parse(told.textContent), jupyterLabTheme: "dark" });
  }
}

function showWhenDrawn() {
  const live = document.querySelector(".page-live");
  if (!live) return;
  let quiet = 0;
  const show = () => {
    watcher.disconnect();
    document.documentElement.classList.add("page-shown");
    document.getElementById("opening")?.remove();
    document.querySelector(".page-first")?.remove();
    window.dispatchEvent(new Event("resize")); // figures measure their place
  };
  const watcher = new MutationObserver(() => {
    if (!live.querySelector(".widget-html-content")) return;
    clearTimeout(quiet);
    quiet = setTimeout(show, QUIET_MS);
    setTimeout(show, LONGEST_MS);
  });
  watcher.observe(live, { childList: true, subtree: true });
}

function tellLost() {
  if (document.querySelector(".page-lost")) return;
  const bar = document.createElement("div");
  bar.className = "page-lost";
  bar.setAttribute("role", "alert");
  const text = document.createElement("span");
  text.textContent = LOST;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Reload";
  button.addEventListener("click", () => location.reload());
  bar.append(text, button);
  document.body.append(bar);
}

// A kernel that was ended does not come back; Jupyter would go on asking for it in silence.
let leaving = false;
addEventListener("beforeunload", () => { leaving = true; });
addEventListener("pagehide", () => {
  leaving = true;
  const kernel = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}").kernelId;
  // The server need not wait to see that it is lonely. Not a beacon: some browsers send those without their origin.
  if (kernel) fetch(`/voila/api/shutdown/${kernel}`, { method: "POST", keepalive: true }).catch(() => {});
});
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...args) {
    super(...args);
    this.addEventListener("open", () => document.querySelector(".page-lost")?.remove());
    this.addEventListener("close", () => { if (!leaving) tellLost(); });
  }
};

document.addEventListener("DOMContentLoaded", () => {
  chooseTheme();
  showWhenDrawn();
});
