/** A button that keeps an SVG figure as PNG, drawn by the browser at twice its size. */

const SCALE = 2;

/** @param {ParentNode} part in which to look for buttons with `data-figure` */
export function offerPictures(part) {
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = part.querySelectorAll("[data-figure]");
  for (const button of buttons) pictureOnClick(button);
}

/** @param {HTMLButtonElement} button `data-figure` is the SVG's address, `data-name` the file's name */
function pictureOnClick(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const { figure = "", name = "" } = button.dataset;
      save(await drawPng(figure), name);
    } finally {
      button.disabled = false;
    }
  });
}

/**
 * @param {string} url of an SVG that names its width and height
 * @returns {Promise<Blob>}
 */
export async function drawPng(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const image = new Image();
  // Images come from this address or as data; the policy allows no blob.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await response.text())}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * SCALE;
  canvas.height = image.naturalHeight * SCALE;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    const take = (/** @type {Blob|null} */ blob) =>
      blob ? resolve(blob) : reject(new Error("The figure could not be drawn."));
    canvas.toBlob(take, "image/png");
  });
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
