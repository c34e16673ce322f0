// The theme gives its search no name for those who read by ear.
document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
