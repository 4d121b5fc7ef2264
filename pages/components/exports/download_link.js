const ARROW = "M11 4h2v8.2l3.3-3.3 1.4 1.4L12 16l-5.7-5.7 1.4-1.4 3.3 3.3V4zM5 18h14v2H5v-2z";

export default ({ data, parentElement }) => {
  const link = parentElement.querySelector("a.take");
  link.classList.toggle("main", data.main);
  link.setAttribute("href", data.path);
  link.setAttribute("download", data.name);
  link.setAttribute("aria-label", data.label);
  link.querySelector("path").setAttribute("d", ARROW);
  link.querySelector("span").textContent = data.words;
};
