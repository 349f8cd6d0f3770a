// The folders of a bucket, looked into one level at a time: the field for the path says where one is.
const field = document.getElementById("id_path");

function put(path) {
  field.value = path;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const level = document.getElementById("bucket-level");
  if (!level || !detail.requestConfig?.path?.includes("/bucket/folders/") || level.hasAttribute("data-trouble")) return;
  put(level.dataset.path);
  (level.querySelector(".folders button") ?? level.querySelector("[aria-current]"))?.focus();
});
document.addEventListener("click", (event) => {
  const archive = event.target.closest("[data-bucket-path]");
  if (!archive) return;
  put(archive.dataset.bucketPath);
  field.focus();
});
