/** The width of the names in a list of facts, so that the facts stand in one column. */
export const TERM_WIDTH = {default: '10ch', md: '24ch'} as const;
