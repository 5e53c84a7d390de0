// Shows the OpenAPI document in the viewer, light or dark as the system is.
const viewer = document.querySelector("rapi-doc");
const dark = matchMedia("(prefers-color-scheme: dark)");

function dress() {
  viewer.setAttribute("theme", dark.matches ? "dark" : "light");
  viewer.setAttribute("primary-color", dark.matches ? "#8fb0ff" : "#2456c9");
}

dress();
dark.addEventListener("change", dress);
viewer.setAttribute("spec-url", "/openapi.json");
