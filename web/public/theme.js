// Sets the theme before the first paint. A file of its own, because the page allows no inline script.
(function () {
  var kept = null;
  try {
    kept = localStorage.getItem("atelier.theme");
  } catch {
    // Storage is forbidden here: the system's theme it is.
  }
  var dark = kept === "dark" || (kept !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
