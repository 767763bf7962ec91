/**
 * The soak: many containers at once, whose lives take turns at random, under a runtime that is killed now and then;
 * what comes out wrong and what is left behind.
 */
export { type SoakEnd, type SoakProgress, soak } from './soak.ts'
