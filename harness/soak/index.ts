/**
 * The soak: many containers at once, whose lives take turns at random, under a runtime that is killed now and then;
 * what comes out wrong and what is left behind.
 */
export { type ActionCount, type SoakEnd, type SoakOptions, type SoakProgress, soak } from './soak.ts'
