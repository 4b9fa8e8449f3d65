// Plotly measures a figure's place when it is drawn, which may be before the page has one; it measures again when the
// window's size changes. So that is what it is told as long as the figure is not as wide as its place.

function render({ el }) {
  let waiting = 0;
  let place = null;
  const sizes = new ResizeObserver(later);
  const parts = new MutationObserver(later);

  function later() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(fit);
  }

  function fit() {
    if (!place) {
      place = el.isConnected ? el.closest(".widget-box") : null;
      if (!place) return later();
      sizes.observe(place);
      parts.observe(place, { childList: true, subtree: true });
    }
    const figure = place.querySelector(".js-plotly-plot");
    const drawn = figure?.querySelector(".main-svg");
    if (!drawn || !figure.clientWidth) return;
    if (Math.abs(drawn.clientWidth - figure.clientWidth) > 1) window.dispatchEvent(new Event("resize"));
    else parts.disconnect();
  }

  el.style.display = "none";
  later();
  return () => {
    cancelAnimationFrame(waiting);
    sizes.disconnect();
    parts.disconnect();
  };
}

export default { render };
