// The number beside a slider follows it; without this file the button works it out.
"use strict";

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-sliders] input[type=range]")) {
    event.target.parentElement.querySelector("output").value = event.target.value;
  }
});
