import {distance} from 'fastest-levenshtein';

/** At most so many letters may differ, and no more than a third of the name. */
const DISTANCE_MAX = 3;

/** The name that is nearest to one that is not known, if one is near: for "did you mean". */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const most = Math.min(DISTANCE_MAX, Math.floor(name.length / 3));
  return known
    .map(one => ({one, far: distance(name, one)}))
    .filter(({far}) => far <= most)
    .sort((a, b) => a.far - b.far)[0]?.one;
}
