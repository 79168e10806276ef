// What pages import by the address at which the site serves it, and npm knows by name.
declare module "*/vendor/maplibre-gl/maplibre-gl.mjs" {
  export * from "maplibre-gl";
}
