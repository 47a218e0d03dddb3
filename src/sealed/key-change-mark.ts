/** Stands in a key file between the key that is being replaced and the one that takes its place. */
export const keyChangeMark = "# mxm-secrets: the key below takes the place of the one above";
