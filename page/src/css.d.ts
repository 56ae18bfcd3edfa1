/** Style sheets are imported for the bundler, and have no value. */

declare module "*.css";
